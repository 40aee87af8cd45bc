/** `GET /api/v1/writing?what=create|update|delete&type=&namespace=&name=`: whether who asks can make that change here, told before they begin. */
export interface Writing {
  readonly allowed: boolean;
  /** Why not, in a sentence, with what to do. */
  readonly why?: string;
  /** As whom it would be made. */
  readonly as: string;
}
