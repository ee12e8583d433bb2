// Flows through Kubeflow's Go client: `flows <url> <flow>`. Each ends with status 1 and a line where something is wrong.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/kubeflow/model-registry/pkg/openapi"
)

var (
	ctx      = context.WithValue(context.Background(), openapi.ContextAccessToken, "any token")
	registry *openapi.ModelRegistryServiceAPIService
	unique   = fmt.Sprintf("go-%d-%d", os.Getpid(), time.Now().UnixNano())
)

func main() {
	log.SetFlags(log.Lshortfile)
	configuration := openapi.NewConfiguration()
	configuration.Servers = openapi.ServerConfigurations{{URL: os.Args[1]}}
	registry = openapi.NewAPIClient(configuration).ModelRegistryServiceAPI
	flows := map[string]func(){
		"models_versions_and_artifacts": modelsVersionsAndArtifacts,
		"pages_and_filters":             pagesAndFilters,
		"serving":                       serving,
		"experiments_and_metrics":       experimentsAndMetrics,
		"refusals":                      refusals,
	}
	flows[os.Args[2]]()
}

// must takes the three results of a call and returns the first.
func must[T any](value T, answer *http.Response, err error) T {
	if err != nil {
		body := ""
		if refused, ok := err.(*openapi.GenericOpenAPIError); ok {
			body = string(refused.Body())
		}
		log.Output(2, fmt.Sprint(err, " ", body))
		os.Exit(1)
	}
	if answer.StatusCode >= 300 || !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
		log.Output(2, fmt.Sprint(answer.StatusCode, answer.Header))
		os.Exit(1)
	}
	return value
}

// refused wants a status and words in the body of the error.
func refused(status int, words string, answer *http.Response, err error) {
	failure, ok := err.(*openapi.GenericOpenAPIError)
	if !ok || answer.StatusCode != status || !strings.Contains(string(failure.Body()), words) {
		log.Output(2, fmt.Sprintf("want %d %q, got %v %v", status, words, answer, err))
		os.Exit(1)
	}
}

func same(got, want any) {
	if !reflect.DeepEqual(got, want) {
		log.Output(2, fmt.Sprintf("got %#v, want %#v", got, want))
		os.Exit(1)
	}
}

func properties(values ...any) *map[string]openapi.MetadataValue {
	made := map[string]openapi.MetadataValue{}
	for i := 0; i < len(values); i += 2 {
		var value openapi.MetadataValue
		switch given := values[i+1].(type) {
		case float64:
			value = openapi.MetadataDoubleValueAsMetadataValue(openapi.NewMetadataDoubleValue(given, "MetadataDoubleValue"))
		case string:
			value = openapi.MetadataStringValueAsMetadataValue(openapi.NewMetadataStringValue(given, "MetadataStringValue"))
		case bool:
			value = openapi.MetadataBoolValueAsMetadataValue(openapi.NewMetadataBoolValue(given, "MetadataBoolValue"))
		case int:
			value = openapi.MetadataIntValueAsMetadataValue(openapi.NewMetadataIntValue(fmt.Sprint(given), "MetadataIntValue"))
		case []byte:
			value = openapi.MetadataStructValueAsMetadataValue(openapi.NewMetadataStructValue(string(given), "MetadataStructValue"))
		}
		made[values[i].(string)] = value
	}
	return &made
}

func newModel(name string) *openapi.RegisteredModel {
	create := openapi.NewRegisteredModelCreate(name)
	create.Language = []string{"en", "de"}
	create.Owner = openapi.PtrString("ada")
	return must(registry.CreateRegisteredModel(ctx).RegisteredModelCreate(*create).Execute())
}

func newVersion(model *openapi.RegisteredModel, name string) *openapi.ModelVersion {
	create := openapi.NewModelVersionCreate(name, model.GetId())
	return must(registry.CreateModelVersion(ctx).ModelVersionCreate(*create).Execute())
}

func modelsVersionsAndArtifacts() {
	model := newModel(unique)
	same(model.GetState(), openapi.REGISTEREDMODELSTATE_LIVE)
	same(must(registry.FindRegisteredModel(ctx).Name(unique).Execute()), model)
	same(must(registry.GetRegisteredModel(ctx, model.GetId()).Execute()), model)
	patched := must(registry.UpdateRegisteredModel(ctx, model.GetId()).
		RegisteredModelUpdate(openapi.RegisteredModelUpdate{Description: openapi.PtrString("patched")}).Execute())
	same(patched.GetDescription(), "patched")
	same(patched.GetLanguage(), []string{"en", "de"})
	same(patched.GetOwner(), "ada")
	archived := openapi.REGISTEREDMODELSTATE_ARCHIVED
	must(registry.UpdateRegisteredModel(ctx, model.GetId()).
		RegisteredModelUpdate(openapi.RegisteredModelUpdate{State: &archived}).Execute())
	patched = must(registry.UpdateRegisteredModel(ctx, model.GetId()).
		RegisteredModelUpdate(openapi.RegisteredModelUpdate{Readme: openapi.PtrString("# hello")}).Execute())
	same(patched.GetState(), archived)

	create := openapi.NewModelVersionCreate("v:1", model.GetId())
	create.CustomProperties = properties(
		"accuracy", 1.0/3, "whole", 3.0, "label", "", "yes", true, "n", -42, "struct", []byte("eyJhIjoxfQ=="))
	version := must(registry.CreateModelVersion(ctx).ModelVersionCreate(*create).Execute())
	same(version.CustomProperties, create.CustomProperties)
	same(must(registry.FindModelVersion(ctx).Name("v:1").ParentResourceId(model.GetId()).Execute()), version)
	changed := must(registry.UpdateModelVersion(ctx, version.GetId()).
		ModelVersionUpdate(openapi.ModelVersionUpdate{CustomProperties: version.CustomProperties}).Execute())
	same(changed.CustomProperties, create.CustomProperties)
	below := must(registry.CreateRegisteredModelVersion(ctx, model.GetId()).
		ModelVersion(*openapi.NewModelVersion("v2", model.GetId())).Execute())
	listed := must(registry.GetRegisteredModelVersions(ctx, model.GetId()).
		OrderBy(openapi.ORDERBYFIELD_CREATE_TIME).SortOrder(openapi.SORTORDER_DESC).Execute())
	same(listed.Items[0].GetId(), below.GetId())
	same(listed.GetSize(), int32(2))

	weights := openapi.NewModelArtifact()
	weights.Name, weights.Uri = openapi.PtrString("weights"), openapi.PtrString("s3://bucket/weights")
	weights.ModelFormatName = openapi.PtrString("onnx")
	made := must(registry.UpsertModelVersionArtifact(ctx, version.GetId()).
		Artifact(openapi.ModelArtifactAsArtifact(weights)).Execute()).ModelArtifact
	update := openapi.ModelArtifact{Id: made.Id, ArtifactType: made.ArtifactType, StorageKey: openapi.PtrString("secret")}
	updated := must(registry.UpsertModelVersionArtifact(ctx, version.GetId()).
		Artifact(openapi.ModelArtifactAsArtifact(&update)).Execute()).ModelArtifact
	same(updated.GetId(), made.GetId())
	same(updated.GetUri(), "s3://bucket/weights")
	same(updated.GetModelFormatName(), "onnx")
	same(updated.GetStorageKey(), "secret")
	same(must(registry.FindModelArtifact(ctx).Name("weights").ParentResourceId(version.GetId()).Execute()), updated)
	same(must(registry.GetModelArtifact(ctx, made.GetId()).Execute()), updated)
	live := openapi.ARTIFACTSTATE_LIVE
	patch := openapi.ModelArtifactUpdate{ArtifactType: made.ArtifactType, State: &live}
	same(must(registry.UpdateModelArtifact(ctx, made.GetId()).ModelArtifactUpdate(patch).Execute()).GetState(), live)

	standalone := openapi.NewModelArtifactCreate()
	standalone.Uri = openapi.PtrString("s3://standalone")
	created := must(registry.CreateModelArtifact(ctx).ModelArtifactCreate(*standalone).Execute())
	attached := must(registry.UpsertModelVersionArtifact(ctx, version.GetId()).
		Artifact(openapi.ModelArtifactAsArtifact(created)).Execute())
	same(attached.ModelArtifact.GetId(), created.GetId())

	doc := openapi.NewDocArtifact()
	doc.Name, doc.Uri = openapi.PtrString("card"), openapi.PtrString("https://card")
	must(registry.UpsertModelVersionArtifact(ctx, version.GetId()).Artifact(openapi.DocArtifactAsArtifact(doc)).Execute())
	artifacts := must(registry.GetModelVersionArtifacts(ctx, version.GetId()).Execute())
	same(len(artifacts.Items), 3)
	same(artifacts.Items[2].DocArtifact.GetUri(), "https://card")
	documents := must(registry.GetModelVersionArtifacts(ctx, version.GetId()).
		ArtifactType(openapi.ARTIFACTTYPEQUERYPARAM_DOC_ARTIFACT).Execute())
	same(len(documents.Items), 1)
	change := openapi.DocArtifactUpdate{ArtifactType: doc.ArtifactType, Uri: openapi.PtrString("https://new")}
	renewed := must(registry.UpdateArtifact(ctx, documents.Items[0].DocArtifact.GetId()).
		ArtifactUpdate(openapi.ArtifactUpdate{DocArtifactUpdate: &change}).Execute())
	same(renewed.DocArtifact.GetUri(), "https://new")
	same(must(registry.GetArtifact(ctx, renewed.DocArtifact.GetId()).Execute()), renewed)
}

func pagesAndFilters() {
	model := newModel(unique)
	for number := range 21 {
		newVersion(model, fmt.Sprintf("v%02d", number))
	}
	names, token, pages := []string{}, "", 0
	for {
		page := must(registry.GetRegisteredModelVersions(ctx, model.GetId()).PageSize("10").NextPageToken(token).Execute())
		same(page.GetPageSize(), int32(10))
		same(page.GetSize(), int32(len(page.Items)))
		for _, version := range page.Items {
			names = append(names, version.GetName())
		}
		pages++
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	same(pages, 3)
	same(len(names), 21)
	same(names[20], "v20")
	found := must(registry.GetRegisteredModelVersions(ctx, model.GetId()).FilterQuery("name LIKE 'v0%' AND name != 'v03'").Execute())
	same(len(found.Items), 9)
	found = must(registry.GetRegisteredModelVersions(ctx, model.GetId()).Name("v07").Execute())
	same(len(found.Items), 1)
}

func serving() {
	model := newModel(unique)
	version := newVersion(model, "v1")
	environment := must(registry.CreateServingEnvironment(ctx).
		ServingEnvironmentCreate(*openapi.NewServingEnvironmentCreate(unique)).Execute())
	same(must(registry.FindServingEnvironment(ctx).Name(unique).Execute()), environment)

	create := openapi.NewInferenceServiceCreate(model.GetId(), environment.GetId())
	create.Name, create.Runtime = openapi.PtrString(unique+"/uid"), openapi.PtrString("ovms")
	create.ModelVersionId, create.CustomProperties = version.Id, properties("url", "http://old")
	service := must(registry.CreateInferenceService(ctx).InferenceServiceCreate(*create).Execute())
	same(service.GetDesiredState(), openapi.INFERENCESERVICESTATE_DEPLOYED)
	same(must(registry.FindInferenceService(ctx).Name(unique+"/uid").ParentResourceId(environment.GetId()).Execute()), service)
	undeployed := openapi.INFERENCESERVICESTATE_UNDEPLOYED
	must(registry.UpdateInferenceService(ctx, service.GetId()).
		InferenceServiceUpdate(openapi.InferenceServiceUpdate{DesiredState: &undeployed}).Execute())
	changed := must(registry.UpdateInferenceService(ctx, service.GetId()).
		InferenceServiceUpdate(openapi.InferenceServiceUpdate{CustomProperties: properties("url", "http://new")}).Execute())
	same(changed.GetDesiredState(), undeployed)
	same(changed.GetRuntime(), "ovms")
	same(changed.CustomProperties, properties("url", "http://new"))
	same(must(registry.GetInferenceServiceModel(ctx, service.GetId()).Execute()), model)
	same(must(registry.GetInferenceServiceVersion(ctx, service.GetId()).Execute()), version)

	nested := openapi.NewInferenceServiceCreate(model.GetId(), environment.GetId())
	second := must(registry.CreateEnvironmentInferenceService(ctx, environment.GetId()).InferenceServiceCreate(*nested).Execute())
	same(must(registry.GetInferenceServiceVersion(ctx, second.GetId()).Execute()), version)
	services := must(registry.GetEnvironmentInferenceServices(ctx, environment.GetId()).Execute())
	same(len(services.Items), 2)
	services = must(registry.GetInferenceServices(ctx).FilterQuery("runtime = 'ovms' AND name = '" + unique + "/uid'").Execute())
	same(services.Items[0].GetId(), service.GetId())

	serve := openapi.NewServeModelCreate(version.GetId())
	running := openapi.EXECUTIONSTATE_RUNNING
	serve.LastKnownState = &running
	served := must(registry.CreateInferenceServiceServe(ctx, service.GetId()).ServeModelCreate(*serve).Execute())
	same(served.GetLastKnownState(), running)
	serves := must(registry.GetInferenceServiceServes(ctx, service.GetId()).Execute())
	same(serves.Items, []openapi.ServeModel{*served})
}

func experimentsAndMetrics() {
	create := openapi.NewExperimentCreate(unique)
	create.CustomProperties = properties("mlflow.note", "x")
	experiment := must(registry.CreateExperiment(ctx).ExperimentCreate(*create).Execute())
	same(must(registry.FindExperiment(ctx).Name(unique).Execute()), experiment)
	runCreate := openapi.NewExperimentRunCreate(experiment.GetId())
	runCreate.Name, runCreate.StartTimeSinceEpoch = openapi.PtrString("run 1"), openapi.PtrString("1000")
	run := must(registry.CreateExperimentRun(ctx).ExperimentRunCreate(*runCreate).Execute())
	same(run.GetStatus(), openapi.EXPERIMENTRUNSTATUS_RUNNING)
	same(must(registry.FindExperimentRun(ctx).Name("run 1").ParentResourceId(experiment.GetId()).Execute()), run)
	finished := openapi.EXPERIMENTRUNSTATUS_FINISHED
	must(registry.UpdateExperimentRun(ctx, run.GetId()).ExperimentRunUpdate(openapi.ExperimentRunUpdate{
		Status: &finished, EndTimeSinceEpoch: openapi.PtrString("2000")}).Execute())
	kept := must(registry.UpdateExperimentRun(ctx, run.GetId()).
		ExperimentRunUpdate(openapi.ExperimentRunUpdate{Description: openapi.PtrString("done")}).Execute())
	same(kept.GetStatus(), finished)
	same([]string{kept.GetStartTimeSinceEpoch(), kept.GetEndTimeSinceEpoch()}, []string{"1000", "2000"})

	id := ""
	for step, value := range []float64{0.5, 1.0 / 3, 0} {
		metric := openapi.NewMetric()
		metric.Name, metric.Value = openapi.PtrString("loss"), openapi.PtrFloat64(value)
		metric.Step, metric.Timestamp = openapi.PtrInt64(int64(step)), openapi.PtrString(fmt.Sprint(1000+step))
		logged := must(registry.UpsertExperimentRunArtifact(ctx, run.GetId()).
			Artifact(openapi.MetricAsArtifact(metric)).Execute()).Metric
		same(logged.GetValue(), value)
		same(logged.GetExperimentRunId(), run.GetId())
		if id != "" {
			same(logged.GetId(), id)
		}
		id = logged.GetId()
	}
	parameter := openapi.NewParameter()
	kind := openapi.PARAMETERTYPE_NUMBER
	parameter.Name, parameter.Value, parameter.ParameterType = openapi.PtrString("rate"), openapi.PtrString("0.1"), &kind
	must(registry.UpsertExperimentRunArtifact(ctx, run.GetId()).Artifact(openapi.ParameterAsArtifact(parameter)).Execute())
	dataset := openapi.NewDataSet()
	dataset.Name, dataset.Uri, dataset.Digest = openapi.PtrString("train"), openapi.PtrString("s3://d"), openapi.PtrString("sha")
	must(registry.UpsertExperimentRunArtifact(ctx, run.GetId()).Artifact(openapi.DataSetAsArtifact(dataset)).Execute())
	logs := must(registry.GetExperimentRunArtifacts(ctx, run.GetId()).Execute())
	same(len(logs.Items), 3)
	same(logs.Items[0].Metric.GetStep(), int64(2))
	same(logs.Items[1].Parameter.GetParameterType(), kind)
	same(logs.Items[2].DataSet.GetDigest(), "sha")

	history := must(registry.GetExperimentRunMetricHistory(ctx, run.GetId()).Name("loss").Execute())
	same(len(history.Items), 3)
	same(history.Items[1].GetValue(), 1.0/3)
	same(history.Items[1].GetTimestamp(), "1001")
	same(history.Items[1].GetName(), "loss")
	some := must(registry.GetExperimentRunMetricHistory(ctx, run.GetId()).Name("loss").StepIds("0,2").Execute())
	same(len(some.Items), 2)
	all := must(registry.GetExperimentRunsMetricHistory(ctx).FilterQuery("experimentRunId = " + run.GetId()).Execute())
	same(len(all.Items), 3)

	second := openapi.NewExperimentRun(experiment.GetId())
	must(registry.CreateExperimentExperimentRun(ctx, experiment.GetId()).ExperimentRun(*second).Execute())
	runs := must(registry.GetExperimentExperimentRuns(ctx, experiment.GetId()).Execute())
	same(len(runs.Items), 2)
	runs = must(registry.GetExperimentRuns(ctx).
		FilterQuery("status = 'FINISHED' AND experimentId = " + experiment.GetId()).Execute())
	same(len(runs.Items), 1)
	ours := must(registry.GetExperiments(ctx).FilterQuery("`mlflow.note` = 'x' AND name = '" + unique + "'").Execute())
	same(len(ours.Items), 1)
}

func refusals() {
	model := newModel(unique)
	_, answer, err := registry.CreateRegisteredModel(ctx).RegisteredModelCreate(*openapi.NewRegisteredModelCreate(unique)).Execute()
	refused(409, `"code":"Conflict"`, answer, err)
	_, answer, err = registry.FindRegisteredModel(ctx).Name(unique + "none").Execute()
	refused(404, `"code":"Not Found"`, answer, err)
	_, answer, err = registry.FindRegisteredModel(ctx).Execute()
	refused(400, `"code":"Bad Request"`, answer, err)
	_, answer, err = registry.CreateRegisteredModel(ctx).RegisteredModelCreate(*openapi.NewRegisteredModelCreate("")).Execute()
	refused(422, "required field 'name' is zero value.", answer, err)
	_, answer, err = registry.CreateModelVersion(ctx).ModelVersionCreate(*openapi.NewModelVersionCreate("v", "999999999")).Execute()
	refused(404, "999999999", answer, err)
	_, answer, err = registry.GetRegisteredModel(ctx, "abc").Execute()
	refused(400, "abc", answer, err)
	_, answer, err = registry.GetRegisteredModelVersions(ctx, model.GetId()).PageSize("many").Execute()
	refused(400, "pageSize", answer, err)
	_, answer, err = registry.GetRegisteredModelVersions(ctx, model.GetId()).FilterQuery("name = v").Execute()
	refused(400, "v", answer, err)
	_, answer, err = registry.GetRegisteredModelVersions(ctx, "999999999").Execute()
	refused(404, "999999999", answer, err)
	_, answer, err = registry.GetRegisteredModelVersions(ctx, model.GetId()).NextPageToken("made up").Execute()
	refused(400, "Bad Request", answer, err)
}
