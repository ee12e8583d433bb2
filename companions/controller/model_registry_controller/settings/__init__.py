"""The settings of the controller: flags in the spelling of Go, and the variables of Kubeflow's controller."""
