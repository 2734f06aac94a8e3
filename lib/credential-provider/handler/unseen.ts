import { Refusal } from '../../custom-resource/handler/refusal.ts';

/** A create that failed after it may have made something that was not shown yet. */
export class Unseen extends Refusal {}
