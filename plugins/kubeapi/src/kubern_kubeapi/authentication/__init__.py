"""What needs the kubeapi kinds to tell who asks: TokenReview, SelfSubjectReview, bootstrap tokens."""
