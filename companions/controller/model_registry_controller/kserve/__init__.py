"""What the controller reads of KServe's InferenceServices. Pure: objects in, facts out."""
