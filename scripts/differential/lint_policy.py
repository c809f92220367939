"""Answers policies with parliament's issues: each line of the input is a text in JSON, each line of the output JSON."""

import json
import sys
import warnings

# parliament asks setuptools for its files in a way that is deprecated.
warnings.simplefilter("ignore")
import parliament  # noqa: E402

for line in sys.stdin:
    try:
        policy = parliament.analyze_policy_string(json.loads(line))
        answer = {"issues": sorted({finding.issue for finding in policy.findings})}
    except Exception as error:  # it ends on some documents that it can't read
        answer = {"refused": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
