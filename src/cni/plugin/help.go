package main

import (
	"encoding/json"
	"errors"
	"net"
	"os"
)

// help does what the agent has the program do beside it, in a container that has no other programs; runtimes give no arguments.
//
//	weft-cni addresses            prints the addresses of the network namespace it runs in
//	weft-cni ready|alive SOCKET   asks an agent how it is
func help(args []string) {
	var err error
	switch {
	case len(args) == 1 && args[0] == "addresses":
		err = printAddresses()
	case len(args) == 2 && (args[0] == "ready" || args[0] == "alive"):
		err = askState(args[1], args[0])
	default:
		err = errors.New("it is a CNI plugin: a container runtime runs it, by a .conflist")
	}
	if err != nil {
		os.Stderr.WriteString("weft-cni: " + err.Error() + "\n")
		os.Exit(1)
	}
}

// printAddresses leaves out those that every namespace has.
func printAddresses() error {
	found := []string{}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	for _, address := range all {
		if network, is := address.(*net.IPNet); is && !network.IP.IsLoopback() && !network.IP.IsLinkLocalUnicast() {
			found = append(found, network.IP.String())
		}
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

func askState(socket, state string) error {
	said, err := ask(socket, question{Command: state})
	if err == nil && said != "" {
		err = errors.New(said)
	}
	return err
}
