"""The verbs, one per file, each an async function (scope, ctx, receive, send); same order of steps in all."""
