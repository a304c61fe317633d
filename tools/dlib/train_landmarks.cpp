// dlib's own trainer of shape predictors: pictures on standard input (picture-stream.ts), whose numbers are the box
// (left, top, width, height) and the points; the predictor goes into a file.
//
//     g++ -O3 -march=native -o train-landmarks tools/dlib/train_landmarks.cpp -ldlib -llapack -lblas -lpthread
//     train-landmarks out.dat [setting=value ...] < samples
//
// Settings and their defaults are in the table below.
#include <dlib/image_processing.h>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include "picture_stream.h"

using namespace dlib;

static std::map<std::string, double> settings = {
    {"cascades", 10}, {"trees", 80}, {"depth", 4}, {"nu", 0.1}, {"oversampling", 4}, {"pool", 400},
    {"lambda", 0.1}, {"splits", 60}, {"padding", 0.15}, {"seed", 1}, {"threads", 2},
};

int main(int argc, char** argv)
{
    if (argc < 2) return std::fprintf(stderr, "usage: train-landmarks OUT [setting=value ...] < samples\n"), 64;
    for (int i = 2; i < argc; ++i)
    {
        const std::string text = argv[i];
        const size_t equals = text.find('=');
        if (equals == std::string::npos || settings.count(text.substr(0, equals)) == 0)
            return std::fprintf(stderr, "no setting: %s\n", argv[i]), 64;
        settings[text.substr(0, equals)] = std::atof(text.c_str() + equals + 1);
    }
    dlib::array<array2d<unsigned char>> images;
    std::vector<std::vector<full_object_detection>> objects;
    Picture p;
    while (read_picture(std::cin, p))
    {
        array2d<unsigned char> grey;
        if (p.coloured) assign_image(grey, p.colour); else grey.swap(p.grey);
        const std::vector<float>& n = p.numbers;
        std::vector<point> parts;
        for (size_t i = 4; i + 1 < n.size(); i += 2) parts.emplace_back(std::lround(n[i]), std::lround(n[i + 1]));
        images.push_back(grey);
        objects.push_back({full_object_detection(rectangle(n[0], n[1], n[0] + n[2] - 1, n[1] + n[3] - 1), parts)});
    }
    shape_predictor_trainer trainer;
    trainer.set_cascade_depth(settings["cascades"]);
    trainer.set_num_trees_per_cascade_level(settings["trees"]);
    trainer.set_tree_depth(settings["depth"]);
    trainer.set_nu(settings["nu"]);
    trainer.set_oversampling_amount(settings["oversampling"]);
    trainer.set_feature_pool_size(settings["pool"]);
    trainer.set_lambda(settings["lambda"]);
    trainer.set_num_test_splits(settings["splits"]);
    trainer.set_feature_pool_region_padding(settings["padding"]);
    trainer.set_num_threads(settings["threads"]);
    trainer.set_random_seed(std::to_string(static_cast<long>(settings["seed"])));
    const shape_predictor predictor = trainer.train(images, objects);
    serialize(argv[1]) << predictor;
    std::printf("%lu samples, mean error on them %.3f pixels\n", images.size(), test_shape_predictor(predictor, images, objects));
}
