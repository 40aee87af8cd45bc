#!/usr/bin/env -S node --max-semi-space-size=16
// `kubectl weft ...`: kubectl runs a program of this name on PATH with its own flags (--context, --namespace, --kubeconfig), which are Weft's, too.
import "./weft.mjs";
