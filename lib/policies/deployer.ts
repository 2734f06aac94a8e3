import { arnsOf, type Place } from './place.ts';
import { allow, type PolicyDocument, policyDocument } from './policy-document.ts';

/** The roles of the bootstrap that `cdk deploy`, `cdk diff` and `cdk destroy` take. */
const rolesOfBootstrap = ['deploy', 'file-publishing', 'image-publishing', 'lookup'];

/** What whoever runs `cdk` needs: to take the roles of the bootstrap. Nothing is deployed with its own permissions. */
export function deployerPolicy(place: Place): PolicyDocument {
  const { bootstrapRole } = arnsOf(place);
  return policyDocument(allow('TakeRolesOfBootstrap', ['sts:AssumeRole'], rolesOfBootstrap.map(bootstrapRole)));
}
