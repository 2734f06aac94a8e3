export { cloudFormationExecutionPolicy } from './cloudformation-execution.ts';
export { deployerPolicy, deployerTrust } from './deployer.ts';
export { permissionsBoundary } from './permissions-boundary.ts';
export { defaultQualifier, type Place, partitionOf } from './place.ts';
