"""One small change to the code at a time: does a test notice? `make mutation`. docs/mutation.md tells what it found."""
