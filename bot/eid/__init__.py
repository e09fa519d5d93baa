"""Electronic identity over OpenID Connect: a strict relying party for any standard provider."""
