package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// atPath returns the values at a path such as "items.*.id" or "size" of a JSON value, as texts.
func atPath(value any, path string) ([]string, error) {
	if path == "" {
		switch known := value.(type) {
		case string:
			return []string{known}, nil
		case json.Number:
			return []string{known.String()}, nil
		}
		return nil, fmt.Errorf("neither text nor number")
	}
	key, rest, _ := strings.Cut(path, ".")
	switch known := value.(type) {
	case map[string]any:
		if inner, found := known[key]; found {
			return atPath(inner, rest)
		}
	case []any:
		if key == "#" {
			return []string{strconv.Itoa(len(known))}, nil
		}
		var all []string
		for _, item := range known {
			found, err := atPath(item, rest)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
		return all, nil
	}
	return nil, fmt.Errorf("no %s", key)
}

func decode(body []byte) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber()
	var value any
	err := decoder.Decode(&value)
	return value, err
}

// mismatch says which value of a response is wrong; "" if none is.
func mismatch(answer any, checks map[string]*Template, values []string) string {
	for path, template := range checks {
		wanted := string(template.appendTo(nil, values))
		found, err := atPath(answer, path)
		if err != nil {
			return fmt.Sprintf("%s: %v", path, err)
		}
		for _, text := range found {
			if text != wanted && !(strings.HasSuffix(wanted, "*") && strings.HasPrefix(text, strings.TrimSuffix(wanted, "*"))) {
				return fmt.Sprintf("%s is %q, not %q", path, text, wanted)
			}
		}
	}
	return ""
}
