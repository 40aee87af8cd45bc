import type { DescMessage, Message, MessageInitShape } from "@bufbuild/protobuf";

/** Fields of a message before it is made: what `create` takes, as a plain object that may be spread into another. */
export type Init<Desc extends DescMessage> = Exclude<MessageInitShape<Desc>, Message>;
