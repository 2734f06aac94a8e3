/** A call to AWS, and what would go wrong without it. */
type Needed = readonly (readonly [call: string, why: string])[];

const late: Needed[number] = ['stackStatus', 'an event that comes late must change nothing'];
const lateToo: Needed[number] = ['stackStatus', 'nor may one whose checks took long'];
const findSecret: Needed[number] = ['describeSecret', 'its ARN in full, and whether it is about to be deleted'];
const checkSecret: Needed[number] = [
  'readSecret',
  'a missing, empty or placeholder key is refused before anything is made',
];
const findProvider: Needed[number] = ['getProvider', 'is the name free?'];
const owner: Needed[number] = ['tagsOf', "somebody else's is left alone"];
const stillCurrent: Needed[number] = ['describeSecret', 'did the secret change while it was written?'];
const shown: Needed[number] = ['getProvider', 'reads lag behind writes: whoever depends on it must find it'];
const others: Needed = [
  ['listProviders', 'what former replacements left'],
  ['tagsOf', 'of each: ours, retired, in use?'],
];

/** The calls that each event in the life of a credential provider needs, in their order, where there is one provider. */
export const neededCalls: Readonly<Record<string, Needed>> = {
  create: [late, findSecret, checkSecret, findProvider, lateToo, ['createProvider', ''], stillCurrent, shown],
  update: [
    late,
    findSecret,
    checkSecret,
    findProvider,
    owner,
    lateToo,
    ['updateProvider', 'also where nothing changed here: somebody may have changed it there'],
    stillCurrent,
    shown,
    ...others,
  ],
  'agent deployed': [findProvider, owner, ['tag', 'in use from now on'], ...others],
  'secret changed, or daily look': [
    late,
    findProvider,
    owner,
    findSecret,
    checkSecret,
    ['updateProvider', 'AgentCore reads the secret anew, and checks it'],
    stillCurrent,
    ...others,
  ],
  delete: [late, findProvider, owner, ...others, lateToo, ['deleteProvider', '']],
};
