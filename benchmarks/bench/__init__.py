"""`make bench`: what each path costs on real server processes, beside two floors measured in the same run."""
