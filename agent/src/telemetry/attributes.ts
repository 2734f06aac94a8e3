/** Names of the attributes that the agent sets itself, as OpenTelemetry's conventions and CloudWatch have them. */
export const attributeNames = {
  /** CloudWatch groups traces by it. */
  sessionId: 'session.id',
  requestId: 'aws.request_id',
  method: 'http.request.method',
  path: 'url.path',
  /** A code of the agent's errors. */
  error: 'error.type',
  rpcSystem: 'rpc.system',
  rpcService: 'rpc.service',
  rpcMethod: 'rpc.method',
  credentialProvider: 'aws.bedrock.agentcore.credential_provider',
  /** Whether the key was in memory, so that this request asked for none. */
  cached: 'aws.bedrock.agentcore.api_key.cached',
} as const;
