// Prints the structural schema of Istio's MeshConfig, which has no custom resource definition, out of its protobuf message: what
// protobuf's JSON of it may hold. Run by scripts/refresh-crds.mjs.
package main

import (
	"encoding/json"
	"os"

	mesh "istio.io/api/mesh/v1alpha1"
	"google.golang.org/protobuf/reflect/protoreflect"
)

type schema = map[string]any

// What protobuf's JSON writes as something else than a map of fields.
var wellKnown = map[protoreflect.FullName]schema{
	"google.protobuf.Duration":    {"type": "string", "x-kubernetes-validations": []schema{{"rule": "duration(self) >= duration('0s')", "message": "must be a valid duration"}}},
	"google.protobuf.BoolValue":   {"type": "boolean"},
	"google.protobuf.DoubleValue": {"type": "number"},
	"google.protobuf.Int32Value":  {"type": "integer", "format": "int32"},
	"google.protobuf.Int64Value":  {"type": "integer"},
	"google.protobuf.UInt32Value": {"type": "integer", "minimum": 0, "maximum": 4294967295},
	"google.protobuf.StringValue": {"type": "string"},
	"google.protobuf.Struct":      {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
}

func message(m protoreflect.MessageDescriptor) schema {
	if known, found := wellKnown[m.FullName()]; found {
		return known
	}
	properties := schema{}
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		properties[field.JSONName()] = whole(field)
	}
	made := schema{"type": "object", "properties": properties}
	var choices []schema
	for i := range m.Oneofs().Len() {
		if oneof := m.Oneofs().Get(i); !oneof.IsSynthetic() && oneof.Fields().Len() > 1 {
			choices = append(choices, atMostOne(oneof))
		}
	}
	if len(choices) == 1 {
		made["oneOf"] = choices[0]["oneOf"]
	} else if len(choices) > 1 {
		made["allOf"] = choices
	}
	return made
}

func atMostOne(oneof protoreflect.OneofDescriptor) schema {
	var each []schema
	for i := range oneof.Fields().Len() {
		each = append(each, schema{"required": []string{oneof.Fields().Get(i).JSONName()}})
	}
	return schema{"oneOf": append([]schema{{"not": schema{"anyOf": each}}}, each...)}
}

func whole(field protoreflect.FieldDescriptor) schema {
	switch {
	case field.IsMap():
		return schema{"type": "object", "additionalProperties": single(field.MapValue())}
	case field.IsList():
		return schema{"type": "array", "items": single(field)}
	default:
		return single(field)
	}
}

func single(field protoreflect.FieldDescriptor) schema {
	switch field.Kind() {
	case protoreflect.MessageKind:
		return message(field.Message())
	case protoreflect.EnumKind:
		var names []string
		for i := range field.Enum().Values().Len() {
			names = append(names, string(field.Enum().Values().Get(i).Name()))
		}
		return schema{"type": "string", "enum": names}
	case protoreflect.BoolKind:
		return schema{"type": "boolean"}
	case protoreflect.DoubleKind, protoreflect.FloatKind:
		return schema{"type": "number"}
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind:
		return schema{"type": "integer", "minimum": 0, "maximum": 4294967295}
	case protoreflect.Int32Kind, protoreflect.Int64Kind:
		return schema{"type": "integer", "format": "int32"}
	default:
		return schema{"type": "string"}
	}
}

func main() {
	spec := message((&mesh.MeshConfig{}).ProtoReflect().Descriptor())
	out := schema{"type": "object", "properties": schema{"spec": spec}}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
}
