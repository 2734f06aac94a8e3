export { cloudFormationExecutionPolicy } from './cloudformation-execution.ts';
export { deployerPolicy } from './deployer.ts';
export { diffPolicy } from './diff.ts';
export { deployerTrust, diffTrust } from './github-trust.ts';
export { inParts, lengthOf, longestPolicy } from './parts.ts';
export { permissionsBoundary } from './permissions-boundary.ts';
export { defaultQualifier, type Place, partitionOf } from './place.ts';
export type { PolicyDocument } from './policy-document.ts';
