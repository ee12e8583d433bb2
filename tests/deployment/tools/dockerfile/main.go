// Reads Dockerfiles with BuildKit's own parser, every instruction and flag included, and prints the stages.
package main

import (
	"fmt"
	"os"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func main() {
	warnings := 0
	config := &linter.Config{Warn: func(rule, description, url, message string, ranges []parser.Range) {
		warnings++
		fmt.Fprintf(os.Stderr, "%s: %s\n", rule, message)
	}}
	for _, name := range os.Args[1:] {
		file, err := os.Open(name)
		if err != nil {
			fail(name, err)
		}
		parsed, err := parser.Parse(file)
		if err != nil {
			fail(name, err)
		}
		for _, warning := range parsed.Warnings {
			warnings++
			fmt.Fprintln(os.Stderr, warning.Short)
		}
		stages, _, err := instructions.Parse(parsed.AST, linter.New(config))
		if err != nil {
			fail(name, err)
		}
		for _, stage := range stages {
			fmt.Println(stage.Name)
		}
	}
	if warnings > 0 {
		os.Exit(1)
	}
}

func fail(name string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
	os.Exit(1)
}
