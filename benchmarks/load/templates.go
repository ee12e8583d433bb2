package main

import (
	"fmt"
	"strings"
)

// Variables has the index of each variable in a worker's list of values.
type Variables map[string]int

// place returns the index of a variable; a new one is added.
func (variables Variables) place(name string) int {
	if _, known := variables[name]; !known {
		variables[name] = len(variables)
	}
	return variables[name]
}

// Template is a text in pieces: literals, and between them the indexes of variables.
type Template struct {
	literals []string
	places   []int
}

// template reads a text. A variable is written {name} or {name.field}; other braces are plain text.
func (variables Variables) template(text string) (*Template, error) {
	made := &Template{}
	literal := ""
	for {
		before, rest, found := strings.Cut(text, "{")
		literal += before
		if !found {
			made.literals = append(made.literals, literal)
			return made, nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !isName(name) {
			literal, text = literal+"{", rest
			continue
		}
		place, known := variables[name]
		if !known {
			return nil, fmt.Errorf("nothing gives {%s} a value", name)
		}
		made.literals, made.places = append(made.literals, literal), append(made.places, place)
		literal, text = "", after
	}
}

func isName(text string) bool {
	return text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789_.") == ""
}

// appendTo adds the text with its values.
func (made *Template) appendTo(buffer []byte, values []string) []byte {
	for i, place := range made.places {
		buffer = append(buffer, made.literals[i]...)
		buffer = append(buffer, values[place]...)
	}
	return append(buffer, made.literals[len(made.places)]...)
}
