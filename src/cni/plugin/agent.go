package main

import (
	"encoding/json"
	"fmt"
	"net"
	"time"
)

const (
	// An agent that is being replaced is back within seconds.
	agentAway = 3 * time.Second
	retry     = 50 * time.Millisecond
	// For the whole of an answer; runtimes wait longer.
	answer = 20 * time.Second
)

// question goes to the agent as JSON, ended by closing the sending half.
type question struct {
	Command     string            `json:"command"`
	Netns       string            `json:"netns,omitempty"`
	Namespace   string            `json:"namespace,omitempty"`
	Name        string            `json:"name,omitempty"`
	UID         string            `json:"uid,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	PrevResult  json.RawMessage   `json:"prevResult,omitempty"`
}

// redirect has the agent redirect the Pod, or check that it is; nil as well where that Pod is not to be redirected.
func redirect(env func(string) string, config *config) error {
	pod := podOf(env("CNI_ARGS"))
	if !config.concerns(pod) {
		return nil
	}
	netns := env("CNI_NETNS")
	if netns == "" {
		return &failure{codeEnvironment, "CNI_NETNS is missing"}
	}
	asked := question{env("CNI_COMMAND"), netns, pod.Namespace, pod.Name, pod.UID, config.RuntimeConfig.Annotations, config.PrevResult}
	said, err := ask(config.Socket, asked)
	if err != nil {
		return &failure{codeNoAgent, fmt.Sprintf("Pod %s/%s waits for Weft's agent on this node, which is to redirect its traffic and did not answer (%v); "+
			"see Pods with label k8s-app=weft-cni", pod.Namespace, pod.Name, err)}
	}
	if said != "" {
		return &failure{codeRefused, fmt.Sprintf("the traffic of Pod %s/%s could not be redirected: %s", pod.Namespace, pod.Name, said)}
	}
	return nil
}

// ask answers what the agent complains of, empty where it is done.
func ask(socket string, asked question) (string, error) {
	connection, err := dial(socket)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(answer))
	if err := json.NewEncoder(connection).Encode(asked); err != nil {
		return "", err
	}
	connection.CloseWrite()
	var said struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	if err := json.NewDecoder(connection).Decode(&said); err != nil {
		return "", fmt.Errorf("no whole answer: %w", err)
	}
	if !said.OK && said.Error == "" {
		return "", fmt.Errorf("an answer that says nothing")
	}
	return said.Error, nil
}

func dial(socket string) (*net.UnixConn, error) {
	address := &net.UnixAddr{Name: socket, Net: "unix"}
	for until := time.Now().Add(agentAway); ; time.Sleep(retry) {
		connection, err := net.DialUnix("unix", nil, address)
		if err == nil || time.Now().After(until) {
			return connection, err
		}
	}
}
