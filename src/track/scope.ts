import type { Ref, Resource, Type } from "../model/resource.ts";

/** The only way a translation may see the mesh. Every read is recorded. */
export interface Scope {
  /** Objects of a type in a namespace, sorted by name. */
  list<S>(type: Type, namespace: string): readonly Resource<S>[];
  /** Names of objects of a type in a namespace, sorted: what they say may change without it. */
  names(type: Type, namespace: string): readonly string[];
  /** Namespaces that hold objects of a type, sorted. */
  namespaces(type: Type): readonly string[];
  /** One object. */
  get<S>(ref: Ref): Resource<S> | undefined;
  /** Another step's answer. */
  ask<T>(step: Step<T>, key: string): T;
}

/** A named pure translation. Same reads, same answer: that is the whole contract. Names are unique in the program. */
export interface Step<T> {
  readonly name: string;
  run(scope: Scope, key: string): T;
  /** When two answers mean the same to readers; by default `same`. */
  readonly same?: (a: T, b: T) => boolean;
  /**
   * Answers as soon as something that it read has changed, and its readers hear of it only if the answer is another. For an answer that thousands of
   * steps read and that an edit seldom changes: they need not even be looked at.
   */
  readonly early?: boolean;
}

/** All objects of a type in the mesh, by namespace and name. */
export function listAll<S>(scope: Scope, type: Type): Resource<S>[] {
  return scope.namespaces(type).flatMap((namespace) => scope.list<S>(type, namespace));
}
