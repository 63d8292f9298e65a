/** What the image says of its container and manifests rely on. Pure. */

/** User and group of the service: the number that images without a root user use by convention. The kubelet sees by it that it is not root. */
export const nonRootId = 65532;
/** The service listens on it. */
export const servicePort = 8080;
