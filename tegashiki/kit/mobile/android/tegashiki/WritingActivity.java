package tegashiki;

import android.app.Activity;
import android.content.Context;
import android.content.res.AssetFileDescriptor;
import android.graphics.Canvas;
import android.graphics.Color;
import android.graphics.Paint;
import android.graphics.Path;
import android.os.Bundle;
import android.view.MotionEvent;
import android.view.View;
import android.widget.Button;
import android.widget.LinearLayout;
import android.widget.TextView;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.tensorflow.lite.Interpreter;

/** A canvas with candidates after every stroke. Wants the kit's model.tflite and three .json in the app's assets. */
public final class WritingActivity extends Activity {
  private static final int CANDIDATES = 5;

  /** The one thread that has the model. */
  private final ExecutorService reader = Executors.newSingleThreadExecutor();

  private final List<Recognizer.Stroke> read = new ArrayList<>(); // the reader's own
  private Interpreter interpreter; // the reader's own
  private Recognizer recognizer; // the reader's own
  private volatile int newest; // edits so far: a reading of an older state is not begun, or not shown
  private TextView candidates;

  @Override
  protected void onCreate(Bundle saved) {
    super.onCreate(saved);
    candidates = new TextView(this);
    candidates.setMinLines(CANDIDATES);
    candidates.setTextSize(18);
    WritingView writing = new WritingView(this);
    Button clear = new Button(this);
    clear.setText("Clear");
    clear.setOnClickListener(view -> {
      writing.clear();
      edit(read::clear);
    });
    LinearLayout page = new LinearLayout(this);
    page.setOrientation(LinearLayout.VERTICAL);
    page.addView(candidates);
    page.addView(writing, new LinearLayout.LayoutParams(LinearLayout.LayoutParams.MATCH_PARENT, 0, 1));
    page.addView(clear);
    setContentView(page);
    reader.execute(this::open);
  }

  @Override
  protected void onDestroy() {
    super.onDestroy();
    newest++; // what is waiting is not read any more
    reader.execute(() -> {
      if (interpreter != null) interpreter.close();
    });
    reader.shutdown();
  }

  /** A stroke was written: its stem is computed once, however many follow. */
  private void stroke(double[][] points) {
    edit(() -> read.add(recognizer.stroke(points)));
  }

  /** Changes the ink and reads what is written by then; of several edits at once only the last one is read after. */
  private void edit(Runnable change) {
    int number = ++newest;
    reader.execute(() -> {
      if (recognizer == null) return; // the model could not be opened, and the page says so
      String text;
      try {
        change.run();
        if (number != newest) return;
        text = readings();
      } catch (IllegalArgumentException error) { // more strokes than the model reads
        text = error.getMessage();
      }
      show(number, text);
    });
  }

  private String readings() {
    if (read.isEmpty()) return "";
    StringBuilder text = new StringBuilder();
    for (Recognizer.Candidate candidate : recognizer.read(read, CANDIDATES)) {
      text.append(String.format(Locale.ROOT, "%s  (%.2f)%n", candidate.latex, candidate.probability));
    }
    return text.toString();
  }

  private void show(int number, String text) {
    runOnUiThread(() -> {
      if (number == newest) candidates.setText(text);
    });
  }

  private void open() {
    try {
      Map<String, Object> about = json("model.json");
      interpreter = new Interpreter(model(), new Interpreter.Options().setNumThreads(1));
      LiteRTModel model = new LiteRTModel(interpreter, about);
      recognizer = new Recognizer(about, json("vocabulary.json"), json("grammar.json"), model);
    } catch (IOException | RuntimeException error) {
      show(newest, "The model cannot be opened: " + error.getMessage());
    }
  }

  private Map<String, Object> json(String name) throws IOException {
    try (InputStream asset = getAssets().open(name)) {
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      byte[] part = new byte[1 << 16];
      for (int count = asset.read(part); count >= 0; count = asset.read(part)) content.write(part, 0, count);
      return Json.map(Json.parse(content.toString("UTF-8")));
    }
  }

  private MappedByteBuffer model() throws IOException {
    try (AssetFileDescriptor asset = getAssets().openFd("model.tflite");
        FileInputStream file = new FileInputStream(asset.getFileDescriptor())) {
      return file.getChannel().map(FileChannel.MapMode.READ_ONLY, asset.getStartOffset(), asset.getDeclaredLength());
    }
  }

  /** The canvas. */
  private final class WritingView extends View {
    private final Path path = new Path();
    private final Paint pen = new Paint(Paint.ANTI_ALIAS_FLAG);
    private final List<double[]> points = new ArrayList<>(); // of the stroke that is being written

    WritingView(Context context) {
      super(context);
      pen.setColor(Color.BLACK);
      pen.setStyle(Paint.Style.STROKE);
      pen.setStrokeWidth(5);
      pen.setStrokeCap(Paint.Cap.ROUND);
      setBackgroundColor(Color.WHITE);
    }

    void clear() {
      path.reset();
      points.clear();
      invalidate();
    }

    @Override
    protected void onDraw(Canvas canvas) {
      canvas.drawPath(path, pen);
    }

    @Override
    public boolean onTouchEvent(MotionEvent event) {
      switch (event.getActionMasked()) {
        case MotionEvent.ACTION_DOWN:
          points.clear();
          path.moveTo(event.getX(), event.getY());
          path.lineTo(event.getX(), event.getY());
          points.add(new double[] {event.getX(), event.getY()});
          break;
        case MotionEvent.ACTION_MOVE:
        case MotionEvent.ACTION_UP:
          for (int i = 0; i < event.getHistorySize(); i++) add(event.getHistoricalX(i), event.getHistoricalY(i));
          add(event.getX(), event.getY());
          if (event.getActionMasked() == MotionEvent.ACTION_UP) stroke(points.toArray(new double[0][]));
          break;
        case MotionEvent.ACTION_CANCEL:
          stroke(points.toArray(new double[0][])); // it is on the canvas, so it is read
          break;
        default:
          return false;
      }
      invalidate();
      return true;
    }

    private void add(float x, float y) {
      path.lineTo(x, y);
      points.add(new double[] {x, y});
    }
  }
}
