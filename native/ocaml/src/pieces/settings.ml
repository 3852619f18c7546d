let transpose = ref (Sys.getenv_opt "TR" <> None)
