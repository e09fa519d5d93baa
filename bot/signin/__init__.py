"""Sign-in at Entra of whoever approves, attests or acts as agent."""
