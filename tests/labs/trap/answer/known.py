"""What was counted: instructions, with Debian 12's compiler."""

IN, BACK = 58, 44
COST = {"getppid()": 164, "uptime()": 128, "sbrk(0)": 176,
        "fstat(0, &st)": 328, "getpgid(0)": 171}
