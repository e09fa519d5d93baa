"""A small Microsoft Graph client: tokens, users, groups, roles, methods, passes, the report."""
