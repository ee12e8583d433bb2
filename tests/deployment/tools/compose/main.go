// Loads compose files as `docker compose config` does, schema and references included, and prints them as JSON.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	for _, name := range os.Args[1:] {
		options, err := cli.NewProjectOptions([]string{name}, cli.WithOsEnv, cli.WithInterpolation(true))
		if err != nil {
			fail(name, err)
		}
		project, err := options.LoadProject(context.Background())
		if err != nil {
			fail(name, err)
		}
		text, err := project.MarshalJSON()
		if err != nil {
			fail(name, err)
		}
		fmt.Println(string(text))
	}
}

func fail(name string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
	os.Exit(1)
}
