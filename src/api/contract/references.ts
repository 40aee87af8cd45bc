/** `GET /api/v1/references/{type}/{namespace}/{name}` (namespace `-` for none): what an object names, and what names it. */
export interface References {
  /** In the order of the object's fields. */
  readonly uses: readonly Reference[];
  readonly usedBy: readonly Reference[];
}

export interface Reference {
  /** The object on the other side; absent where what is named is not there. */
  readonly object?: { readonly type: string; readonly kind: string; readonly namespace: string; readonly name: string };
  /** What is written: `reviews`, `bookinfo-gateway`, `app=reviews`. */
  readonly text: string;
  /** The field that names it, of whichever object has the field: `spec.http[0].route[0].destination.host`. */
  readonly field: string;
  /** Where that field is: `reviews.yaml:14:7`. */
  readonly at: string;
}
