"""The apiextensions member: CustomResourceDefinitions and the custom resources they define."""
