/** Name of the endpoint that callers ask: it stays on the version that was released, whatever is deployed after it. */
export const liveEndpoint = 'live';
