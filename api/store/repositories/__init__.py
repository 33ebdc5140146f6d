"""All SQL of the service, one module per part of the domain; scoping goes through scoping.py only."""
