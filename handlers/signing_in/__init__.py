"""Sign-in at Entra of those who work with cases: sessions on our pages, and what chat accounts have proved by one."""
