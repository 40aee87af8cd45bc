/** A product of the shop, as `GET /api/v1/products` lists it. */
export interface Product {
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly description: string;
}

/** The one book in the shop: about a weaver. */
export const PRODUCT: Product = {
  id: "0",
  title: "Silas Marner",
  subtitle: "The Weaver of Raveloe",
  description:
    "Betrayed by his best friend, a linen weaver moves to a village where nobody knows him and counts his gold by night. Then the gold is stolen, and in its place, one snowy evening, a small child has walked in by the open door.",
};
