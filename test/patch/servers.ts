import { createServer, type Http2Server } from "node:http2";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type ProcessingRequest,
  ProcessingRequestSchema,
  ProcessingResponseSchema,
} from "../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.js";
import { StatusCode } from "../../src/gen/envoy/type/v3/http_status_pb.js";

type Answer = MessageInitShape<typeof ProcessingResponseSchema>;

/** A server of Envoy's external processing: it marks requests and responses, writes bodies in capitals, and blocks what has the header x-block. */
export function externalProcessor(): Http2Server {
  return createServer().on("stream", (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.on("error", () => {});
    let held = Buffer.alloc(0);
    stream.on("data", (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= 5 && held.length >= 5 + held.readUInt32BE(1)) {
        const end = 5 + held.readUInt32BE(1);
        const request = fromBinary(ProcessingRequestSchema, held.subarray(5, end));
        held = held.subarray(end);
        const body = toBinary(ProcessingResponseSchema, create(ProcessingResponseSchema, answer(request)));
        const head = Buffer.alloc(5);
        head.writeUInt32BE(body.length, 1);
        stream.write(Buffer.concat([head, body]));
      }
    });
    stream.on("end", () => stream.end());
  });
}

function answer({ request }: ProcessingRequest): Answer {
  const mark = (value: string) => ({
    response: { headerMutation: { setHeaders: [{ header: { key: "x-processed", rawValue: Buffer.from(value) } }] } },
  });
  if (request.case === "requestHeaders") {
    const blocked = request.value.headers?.headers.some((h) => h.key === "x-block");
    if (blocked === true)
      return {
        response: {
          case: "immediateResponse",
          value: { status: { code: StatusCode.Conflict }, body: Buffer.from("blocked") },
        },
      };
    return { response: { case: "requestHeaders", value: mark("request") } };
  }
  if (request.case === "requestBody") {
    const body = Buffer.from(Buffer.from(request.value.body).toString().toUpperCase());
    return {
      response: {
        case: "requestBody",
        value: { response: { bodyMutation: { mutation: { case: "body", value: body } } } },
      },
    };
  }
  return { response: { case: "responseHeaders", value: mark("response") } };
}

/** A gRPC server that says it is SERVING. */
export function healthy(): Http2Server {
  return createServer().on("stream", (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
  });
}
