"""What every login over OpenID Connect has in common, whoever the provider is."""
