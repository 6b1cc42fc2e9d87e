export type { CallTrace, CallWait, Gateway, GatewayOptions } from "./contract.ts";
export { createGateway } from "./gateway.ts";
export { redact } from "./redact.ts";
