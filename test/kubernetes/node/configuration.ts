import { dnsAddress, podRange } from "./place.ts";

/** Pods are routed, not bridged: nothing depends on a kernel's bridge calling iptables. */
export const network = {
  cniVersion: "0.4.0",
  name: "pods",
  plugins: [
    {
      type: "ptp",
      ipMasq: false,
      ipam: { type: "host-local", ranges: [[{ subnet: podRange }]], routes: [{ dst: "0.0.0.0/0" }] },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

/** restrict_oom_score_adj: in some machines nobody may lower it, and runc dies of that without a word. */
export function containerdConfiguration(snapshotter: string): string {
  return `version = 2
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "localhost/pause:1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "${snapshotter}"
`;
}

/** Each node has a control group of its own, below which all others are. */
export function kubeletConfiguration(group: string, resolvConf: string): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    failCgroupV1: false,
    failSwapOn: false,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${group}`,
    cgroupsPerQOS: true,
    enforceNodeAllocatable: [],
    containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    clusterDNS: [dnsAddress],
    clusterDomain: "cluster.local",
    resolvConf,
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "0%", "imagefs.available": "0%" },
    localStorageCapacityIsolation: false,
    // Many Pods start at once here, and none is ever pulled.
    serializeImagePulls: false,
    registryPullQPS: 0,
    maxPods: 200,
  };
}

/** Names of Services and Pods; whatever else is asked for does not exist. */
export function corefile(kubeconfig: string, address: string): string {
  return `.:53 {
  errors
  health ${address}:8053
  ready ${address}:8054
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${kubeconfig}
    pods insecure
    ttl 5
  }
  cache 5
}
`;
}

/** The Service under whose address Pods find the node's CoreDNS. */
export function dnsService(address: string): readonly object[] {
  const ports = [
    { name: "dns", port: 53, protocol: "UDP" },
    { name: "dns-tcp", port: 53, protocol: "TCP" },
  ];
  const metadata = { name: "kube-dns", namespace: "kube-system" };
  return [
    { apiVersion: "v1", kind: "Service", metadata, spec: { clusterIP: dnsAddress, ports } },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { ...metadata, labels: { "kubernetes.io/service-name": "kube-dns" } },
      addressType: "IPv4",
      ports,
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
    },
  ];
}
