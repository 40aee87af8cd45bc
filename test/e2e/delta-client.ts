import { connect } from "node:http2";
import { create, fromBinary, type JsonObject, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from "../../src/gen/envoy/service/discovery/v3/discovery_pb.js";
import { FrameReader } from "../../src/xds/frames.ts";
import { until } from "./ask.ts";

type Fields = Exclude<MessageInitShape<typeof DeltaDiscoveryRequestSchema>, { $typeName: string }>;

export interface DeltaOptions {
  readonly url: string;
  readonly node: { readonly id: string; readonly cluster?: string; readonly metadata: JsonObject };
  /** Root certificates, PEM, where the server has TLS. */
  readonly ca?: string;
  readonly token?: string;
  /** Told of each answer as it comes. */
  readonly onAnswer?: (typeUrl: string) => void;
}

export interface DeltaClient {
  /** Asks for a type, and acknowledges the answer, or refuses it with these words. Rejects with how the stream ended. */
  ask(typeUrl: string, names?: readonly string[], refusal?: string): Promise<DeltaDiscoveryResponse>;
  /** What is pushed next of a type that was asked for, acknowledged. */
  next(typeUrl: string): Promise<DeltaDiscoveryResponse>;
  /** Resolves when the stream has ended, with how. */
  ended(): Promise<string>;
  close(): void;
}

/** A delta stream to a control plane, as Envoy opens it. */
export function openDelta({ url, node, ca, token, onAnswer }: DeltaOptions): DeltaClient {
  const connection = connect(url, ca === undefined ? {} : { ca });
  const stream = connection.request({
    ":method": "POST",
    ":path": "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
    "content-type": "application/grpc",
    te: "trailers",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  });
  const frames = new FrameReader(1 << 26);
  const answers: DeltaDiscoveryResponse[] = [];
  let end: string | undefined;
  const ended = (words: string) => {
    end ??= words;
  };
  connection.on("error", (error) => ended(error.message));
  stream.on("error", (error) => ended(error.message));
  stream.on("data", (chunk: Buffer) => {
    const messages = frames.push(chunk);
    if (!Array.isArray(messages)) return;
    for (const message of messages) {
      const answer = fromBinary(DeltaDiscoveryResponseSchema, message);
      answers.push(answer);
      onAnswer?.(answer.typeUrl);
    }
  });
  for (const event of ["response", "trailers"] as const) {
    stream.on(event, (headers) => {
      if (headers["grpc-status"] !== undefined)
        ended(`grpc-status ${headers["grpc-status"]}: ${decodeURIComponent(String(headers["grpc-message"] ?? ""))}`);
    });
  }
  const write = (fields: Fields) => {
    const message = toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, { node, ...fields }));
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    stream.write(Buffer.concat([head, message]));
  };
  const next = async (typeUrl: string, refusal?: string) => {
    const found = () => answers.findIndex((answer) => answer.typeUrl === typeUrl);
    await until(`${typeUrl} is answered`, () => found() >= 0 || end !== undefined, undefined, 60_000);
    if (found() < 0) throw new Error(end);
    const [answer] = answers.splice(found(), 1) as [DeltaDiscoveryResponse];
    const errorDetail = refusal === undefined ? {} : { errorDetail: { code: 13, message: refusal } };
    write({ typeUrl, responseNonce: answer.nonce, ...errorDetail });
    return answer;
  };
  return {
    ask(typeUrl, names = [], refusal?: string) {
      write({ typeUrl, resourceNamesSubscribe: [...names] });
      return next(typeUrl, refusal);
    },
    next: (typeUrl) => next(typeUrl),
    async ended() {
      await until("the stream has ended", () => end !== undefined);
      return end ?? "";
    },
    close: () => connection.destroy(),
  };
}
