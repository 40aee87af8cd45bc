/**
 * `GET /api/v1/deleted`: what was deleted through this control plane of late and is still gone, the latest first; at most a thousand. `POST
 * /api/v1/changes/{change}/undo?type=TYPE&namespace=NAMESPACE&name=NAME` brings one back.
 */
export interface DeletedObject {
  /** Id of the change that deleted it. */
  readonly change: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly who: string;
  readonly type: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Until when it is kept at least, in milliseconds since the epoch; many changes at once may push it out sooner. */
  readonly until: number;
}
