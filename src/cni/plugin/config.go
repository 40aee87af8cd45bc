package main

import (
	"encoding/json"
	"strings"
)

// Set by the injector on each Pod that has a sidecar.
const statusAnnotation = "sidecar.istio.io/status"

// config is what the runtime says on standard input: our entry in the .conflist, and what it adds.
type config struct {
	CNIVersion string          `json:"cniVersion"`
	PrevResult json.RawMessage `json:"prevResult"`
	// Socket is where the node's agent listens.
	Socket string `json:"socket"`
	// ExcludeNamespaces are those in which Pods are never redirected; they start without the agent too.
	ExcludeNamespaces []string `json:"excludeNamespaces"`
	RuntimeConfig     struct {
		// Annotations come from containerd since 1.5 and CRI-O since 1.28; absent otherwise, and from whoever runs no Pods.
		Annotations map[string]string `json:"io.kubernetes.cri.pod-annotations"`
	} `json:"runtimeConfig"`
}

// pod is what CNI_ARGS says: `IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-0;K8S_POD_UID=...`.
type pod struct {
	Namespace, Name, UID string
}

func podOf(args string) pod {
	var found pod
	for _, part := range strings.Split(args, ";") {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "K8S_POD_NAMESPACE":
			found.Namespace = value
		case "K8S_POD_NAME":
			found.Name = value
		case "K8S_POD_UID":
			found.UID = value
		}
	}
	return found
}

// concerns tells whether the agent must be asked: a Pod that has no sidecar for certain must start without it.
func (c *config) concerns(p pod) bool {
	if p.Namespace == "" || p.Name == "" {
		return false
	}
	for _, excluded := range c.ExcludeNamespaces {
		if excluded == p.Namespace {
			return false
		}
	}
	if c.RuntimeConfig.Annotations == nil {
		return true
	}
	_, injected := c.RuntimeConfig.Annotations[statusAnnotation]
	return injected
}
