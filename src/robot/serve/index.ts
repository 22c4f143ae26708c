export type { ServeOptions, ServeTimeouts } from "./options.ts";
export { type PolicyClientOptions, policyClient, type RemoteServerPolicy } from "./policy-client.ts";
export { type PolicyServer, type PolicyServerStatistics, servePolicy } from "./serve-policy.ts";
export type { ClientStatistics, ServeStatistics } from "./tally.ts";
