export type { CallTrace, CallWait, DoorStats, Gateway, GatewayOptions, Limits, Network } from "./contract.ts";
export { createGateway } from "./gateway.ts";
export { redact } from "./redact.ts";
