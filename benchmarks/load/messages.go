package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Field is one field of a protobuf message: a varint, bytes, eight fixed bytes or a message.
type Field struct {
	Number  int
	Varint  *string // a template of a decimal number
	Bytes   *string // a template
	Fixed64 *uint64
	Message []Field // where none of the others is set
}

// writer appends one field with its tag.
type writer func(buffer []byte, values []string) ([]byte, error)

const (
	varintType  = 0
	fixed64Type = 1
	bytesType   = 2
	fixed32Type = 5
)

// writers makes the writers of a message's fields.
func (variables Variables) writers(fields []Field) ([]writer, error) {
	var made []writer
	for _, field := range fields {
		write, err := variables.writer(field)
		if err != nil {
			return nil, err
		}
		made = append(made, write)
	}
	return made, nil
}

func (variables Variables) writer(field Field) (writer, error) {
	tag := func(wire int) []byte { return binary.AppendUvarint(nil, uint64(field.Number<<3|wire)) }
	switch {
	case field.Fixed64 != nil:
		fixed := binary.LittleEndian.AppendUint64(tag(fixed64Type), *field.Fixed64)
		return func(buffer []byte, _ []string) ([]byte, error) { return append(buffer, fixed...), nil }, nil
	case field.Varint != nil:
		text, err := variables.template(*field.Varint)
		return func(buffer []byte, values []string) ([]byte, error) {
			number, err := strconv.ParseInt(string(text.appendTo(nil, values)), 10, 64)
			return binary.AppendUvarint(append(buffer, tag(varintType)...), uint64(number)), err
		}, err
	case field.Bytes != nil:
		text, err := variables.template(*field.Bytes)
		return func(buffer []byte, values []string) ([]byte, error) {
			return appendBytes(append(buffer, tag(bytesType)...), text.appendTo(nil, values)), nil
		}, err
	}
	inner, err := variables.writers(field.Message)
	return func(buffer []byte, values []string) ([]byte, error) {
		content, err := appendAll(nil, inner, values)
		return appendBytes(append(buffer, tag(bytesType)...), content), err
	}, err
}

func appendAll(buffer []byte, writers []writer, values []string) ([]byte, error) {
	var err error
	for _, write := range writers {
		if buffer, err = write(buffer, values); err != nil {
			return nil, err
		}
	}
	return buffer, nil
}

func appendBytes(buffer, content []byte) []byte {
	return append(binary.AppendUvarint(buffer, uint64(len(content))), content...)
}

var errBroken = errors.New("the message is broken")

// firstValue returns the first value at a path of field numbers such as "1.2". A number is returned as decimal digits.
func firstValue(message []byte, path string) (string, error) {
	wanted, rest, nested := strings.Cut(path, ".")
	for len(message) > 0 {
		tag, size := binary.Uvarint(message)
		if size <= 0 {
			return "", errBroken
		}
		message = message[size:]
		content, number, length := fieldAt(message, int(tag&7))
		if length <= 0 || length > len(message) {
			return "", errBroken
		}
		message = message[length:]
		if strconv.FormatUint(tag>>3, 10) != wanted {
			continue
		}
		if nested {
			return firstValue(content, rest)
		}
		if content != nil { // numbers may be packed
			number, _ = binary.Uvarint(content)
		}
		return strconv.FormatUint(number, 10), nil
	}
	return "", fmt.Errorf("the answer has no field %s", path)
}

// fieldAt returns the content of a field or its number, and how many bytes it takes; no bytes if the field is damaged.
func fieldAt(message []byte, wire int) (content []byte, number uint64, length int) {
	switch wire {
	case varintType:
		number, length = binary.Uvarint(message)
	case fixed64Type:
		length = 8
	case fixed32Type:
		length = 4
	case bytesType:
		size, prefix := binary.Uvarint(message)
		if prefix > 0 && size <= uint64(len(message)-prefix) {
			content, length = message[prefix:prefix+int(size)], prefix+int(size)
		}
	}
	return content, number, length
}
