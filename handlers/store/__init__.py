"""Where rows are written and read. Each function is one step within a transaction that its caller holds."""
