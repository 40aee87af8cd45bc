// weft-cni is the CNI plugin that stands last in a node's chain and has the node's agent redirect a Pod's traffic into its sidecar.
//
// It is one static program without any dependency on the host beyond the kernel. It changes nothing itself: it asks the agent over a unix socket,
// hands on the result of the plugins before it unchanged, and fails the start of a Pod that must be redirected and could not be; the kubelet then
// tries again. https://www.cni.dev/docs/spec/
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// Versions of the specification that hand on a previous result.
var versions = []string{"0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"}

// Codes of the specification; those from 100 on are a plugin's own.
const (
	codeVersion     = 1
	codeEnvironment = 4
	codeDecode      = 6
	codeConfig      = 7
	codeNoAgent     = 100
	codeRefused     = 101
)

// failure is what a runtime is told, and what the Pod's events show.
type failure struct {
	code    int
	message string
}

func (f *failure) Error() string { return f.message }

func main() {
	if len(os.Args) > 1 {
		help(os.Args[1:])
		return
	}
	version := "0.4.0"
	result, err := serve(os.Getenv, os.Stdin, &version)
	if err != nil {
		code := codeRefused
		if known, is := err.(*failure); is {
			code = known.code
		}
		result, _ = json.Marshal(map[string]any{"cniVersion": version, "code": code, "msg": "weft-cni: " + err.Error()})
	}
	os.Stdout.Write(result)
	if err != nil {
		os.Exit(1)
	}
}

// serve does what CNI_COMMAND says and answers what goes to standard output.
func serve(env func(string) string, stdin io.Reader, version *string) ([]byte, error) {
	input, err := io.ReadAll(stdin)
	if err != nil {
		return nil, &failure{codeDecode, "cannot read the network configuration: " + err.Error()}
	}
	switch env("CNI_COMMAND") {
	case "VERSION":
		return json.Marshal(map[string]any{"cniVersion": "1.0.0", "supportedVersions": versions})
	// Rules end with their namespace, so that a Pod can always be taken away. A node is ready without its agent: other Pods must start.
	case "DEL", "GC", "STATUS":
		return nil, nil
	}
	var config config
	if err := json.Unmarshal(input, &config); err != nil {
		return nil, &failure{codeDecode, "the network configuration is not JSON: " + err.Error()}
	}
	if config.CNIVersion != "" {
		*version = config.CNIVersion
	}
	if !supported(*version) {
		return nil, &failure{codeVersion, fmt.Sprintf("cniVersion %q is not supported; supported are %v", *version, versions)}
	}
	switch command := env("CNI_COMMAND"); command {
	case "ADD":
		if len(config.PrevResult) == 0 || string(config.PrevResult) == "null" {
			return nil, &failure{codeConfig, "it makes no network of its own: it must stand after another plugin in a .conflist"}
		}
		return config.PrevResult, redirect(env, &config)
	case "CHECK":
		return nil, redirect(env, &config)
	default:
		return nil, &failure{codeEnvironment, fmt.Sprintf("CNI_COMMAND %q is not supported", command)}
	}
}

func supported(version string) bool {
	for _, known := range versions {
		if known == version {
			return true
		}
	}
	return false
}
